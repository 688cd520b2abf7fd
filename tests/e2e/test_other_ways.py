"""The other ways to reach a MetaDB and a Docker host: MySQL's protocol of a MariaDB, TLS over TCP."""

from __future__ import annotations

from pathlib import Path

from kit.operator import ROLLED_BACK, SUCCEEDED
from kit.premises import Premises


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


def over_tls(premises: Premises) -> Path:
    premises.secrets = [premises.tls_secret("docker-tls")]
    node = {
        "docker": {"endpoint": premises.docker.tls_endpoint, "tlsSecretRef": {"name": "docker-tls"}},
        "container": "oms_430",
    }
    return premises.manifest(premises.spec(nodes=[node]))


def test_docker_over_tcp_with_client_certificates(premises: Premises) -> None:
    premises.settle()
    before = premises.snapshot()
    ended = premises.upgrade(over_tls(premises))
    assert ended.code == SUCCEEDED, ended
    premises.assert_upgraded(before)
    assert premises.docker.tls_folder is not None
    key = (premises.docker.tls_folder / "key.pem").read_text().splitlines()[1]
    assert key not in ended.stdout + ended.stderr
