"""Keys and certificates for a world, made with the openssl command."""

from __future__ import annotations

import subprocess
from pathlib import Path

DAYS = "2"


def openssl(*arguments: str | Path) -> None:
    subprocess.run(["/usr/bin/openssl", *map(str, arguments)], check=True, capture_output=True)


def new_key(path: Path) -> None:
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path)
    path.chmod(0o600)


class Authority:
    """A certificate authority in a folder: ca.pem and ca-key.pem."""

    def __init__(self, folder: Path, common_name: str) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.certificate = folder / "ca.pem"
        self._key = folder / "ca-key.pem"
        new_key(self._key)
        openssl(
            *("req", "-x509", "-new", "-key", self._key, "-days", DAYS),
            *("-subj", f"/CN={common_name}", "-out", self.certificate),
        )

    def issue(
        self,
        name: str,
        *,
        common_name: str,
        organization: str | None = None,
        addresses: list[str] | None = None,
        into: Path | None = None,
    ) -> None:
        """NAME.pem and NAME-key.pem here; or ca.pem, cert.pem and key.pem in `into`.

        With addresses it is a server's certificate, without a client's.
        """
        if into is not None:
            into.mkdir()
            (into / "ca.pem").write_bytes(self.certificate.read_bytes())
        certificate = into / "cert.pem" if into else self.folder / f"{name}.pem"
        key = into / "key.pem" if into else self.folder / f"{name}-key.pem"
        request = self.folder / f"{name}.csr"
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(_extensions(addresses))
        subject = f"/O={organization}/CN={common_name}" if organization else f"/CN={common_name}"
        new_key(key)
        openssl("req", "-new", "-key", key, "-subj", subject, "-out", request)
        openssl(
            *("x509", "-req", "-in", request, "-days", DAYS, "-extfile", extensions),
            *("-CA", self.certificate, "-CAkey", self._key, "-CAcreateserial", "-out", certificate),
        )


def _extensions(addresses: list[str] | None) -> str:
    if not addresses:
        return "extendedKeyUsage=clientAuth\n"
    names = [f"IP:{address}" for address in dict.fromkeys(addresses)]
    return f"extendedKeyUsage=serverAuth\nsubjectAltName={','.join(['DNS:localhost', *names])}\n"
