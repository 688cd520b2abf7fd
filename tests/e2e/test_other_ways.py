"""The other ways to reach a MetaDB and a Docker host: MySQL's protocol of a MariaDB, TLS over TCP."""

from __future__ import annotations

from pathlib import Path

from kit.operator import ROLLED_BACK, SUCCEEDED
from kit.premises import Premises, secret


def test_metadb_may_be_a_mariadb(premises_mariadb: Premises) -> None:
    premises = premises_mariadb
    premises.settle()
    before = premises.snapshot()
    ended = premises.upgrade()
    assert ended.code == SUCCEEDED, ended
    premises.assert_upgraded(before)


def test_a_mariadb_is_put_back(premises_mariadb: Premises) -> None:
    premises = premises_mariadb
    premises.settle()
    before = premises.snapshot()
    premises.site.set_faults("4.3.1", upgrade_exit=3)
    ended = premises.upgrade()
    assert ended.code == ROLLED_BACK, ended
    premises.assert_as_before(before)


def over_tls(premises: Premises, folder: Path) -> Path:
    words = {name: (folder / file).read_text() for name, file in TLS_FILES.items()}
    premises.secrets = [secret("docker-tls", **words)]
    assert premises.docker.tls_endpoint is not None
    node = {
        "docker": {"endpoint": premises.docker.tls_endpoint, "tlsSecretRef": {"name": "docker-tls"}},
        "container": "oms_430",
    }
    return premises.manifest(premises.spec(nodes=[node]))


TLS_FILES = {"ca_crt": "ca.pem", "tls_crt": "cert.pem", "tls_key": "key.pem"}


def test_docker_over_tcp_with_client_certificates(premises: Premises) -> None:
    premises.settle()
    before = premises.snapshot()
    assert premises.docker.tls_folder is not None
    ended = premises.upgrade(over_tls(premises, premises.docker.tls_folder))
    assert ended.code == SUCCEEDED, ended
    premises.assert_upgraded(before)
    key = (premises.docker.tls_folder / "key.pem").read_text().splitlines()[1]
    assert key not in ended.stdout + ended.stderr
