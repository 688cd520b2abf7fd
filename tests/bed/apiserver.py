"""A Kubernetes API server with its etcd: all of a cluster that a controller needs."""

from __future__ import annotations

import base64
import http.client
import json
import secrets
import ssl
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from . import control_plane
from .certificates import Authority, openssl
from .process import BedError, answers_well, free_port, listens
from .server import Server

if TYPE_CHECKING:
    from .world import World


class Etcd(Server):
    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        self.port = free_port()
        self._peer_port = free_port()
        self._program = control_plane.binaries() / "etcd"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str | Path]:
        peer = f"http://127.0.0.1:{self._peer_port}"
        return [
            self._program,
            f"--data-dir={self.folder}/data",
            f"--listen-client-urls={self.url}",
            f"--advertise-client-urls={self.url}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
        ]

    def ready(self) -> bool:
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        return answers_well(asked, "/health") and listens(self.pid, self.port)

    def __str__(self) -> str:
        return self.url


class ApiServer(Server):
    """`kubeconfig` and `token` are a cluster administrator's."""

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        self.host = "127.0.0.1"
        self.port = free_port()
        self.etcd = Etcd(world, f"{name}-etcd")
        self._program = control_plane.binaries() / "kube-apiserver"
        self._keys = self.folder / "keys"
        authority = Authority(self._keys, "cluster bed")
        authority.issue("server", common_name="kube-apiserver", addresses=[self.host])
        authority.issue("admin", common_name="admin", organization="system:masters")
        openssl("genrsa", "-out", self._keys / "service-accounts.pem", "2048")
        self.token = secrets.token_hex(16)
        tokens = self._keys / "tokens.csv"
        tokens.write_text(f"{self.token},token-admin,token-admin,system:masters\n")
        self.kubeconfig = self.folder / "kubeconfig"
        self._write_kubeconfig()

    def command(self) -> list[str | Path]:
        keys = self._keys
        return [
            self._program,
            f"--etcd-servers={self.etcd.url}",
            f"--bind-address={self.host}",
            f"--secure-port={self.port}",
            f"--cert-dir={self.folder}/certificates",
            f"--tls-cert-file={keys}/server.pem",
            f"--tls-private-key-file={keys}/server-key.pem",
            f"--client-ca-file={keys}/ca.pem",
            f"--token-auth-file={keys}/tokens.csv",
            "--authorization-mode=RBAC",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={keys}/service-accounts.pem",
            f"--service-account-signing-key-file={keys}/service-accounts.pem",
            # Nobody makes service accounts here: that is the controller manager's work.
            "--disable-admission-plugins=ServiceAccount",
            "--allow-privileged=true",
        ]

    def start(self) -> None:
        if not self.etcd.running:
            self.etcd.start()
        super().start()

    def ready(self) -> bool:
        if not listens(self.pid, self.port):
            return False
        try:
            status, _ = self.request("GET", "/readyz")
            return status == 200
        except OSError:
            return False

    def request(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        """One request as the administrator: the status and the body of the answer."""
        context = ssl.create_default_context(cafile=str(self._keys / "ca.pem"))
        context.load_cert_chain(self._keys / "admin.pem", self._keys / "admin-key.pem")
        connection = http.client.HTTPSConnection(self.host, self.port, timeout=10, context=context)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def kubectl(self, *arguments: str | Path, stdin: str = "") -> str:
        """Run kubectl as the administrator; what it prints, without the last newline."""
        done = subprocess.run(
            [str(control_plane.kubectl()), f"--kubeconfig={self.kubeconfig}", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise BedError(f"kubectl {' '.join(map(str, arguments))}: {done.stderr.strip()}")
        return done.stdout.rstrip("\n")

    def _write_kubeconfig(self) -> None:
        def encoded(name: str) -> str:
            return base64.b64encode((self._keys / name).read_bytes()).decode()

        cluster = {
            "server": f"https://{self.host}:{self.port}",
            "certificate-authority-data": encoded("ca.pem"),
        }
        user = {
            "client-certificate-data": encoded("admin.pem"),
            "client-key-data": encoded("admin-key.pem"),
        }
        # JSON is YAML.
        self.kubeconfig.touch(mode=0o600)
        self.kubeconfig.write_text(
            json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "clusters": [{"name": "bed", "cluster": cluster}],
                    "users": [{"name": "admin", "user": user}],
                    "contexts": [{"name": "bed", "context": {"cluster": "bed", "user": "admin"}}],
                    "current-context": "bed",
                },
                indent=2,
            )
        )

    def __str__(self) -> str:
        return f"https://{self.host}:{self.port}, {self.kubeconfig}"
