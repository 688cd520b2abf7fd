"""config.yaml, and the files that are rendered from it."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from . import oat
from .versions import Version

CONFIG = Path("/home/admin/conf/config.yaml")
# Where each part looks for its MetaDB once OMS is set up. The console's path is documented.
CONSOLE_FILE = Path("/home/ds/ghana/config/application-oms.properties")
CM_FILE = Path("/home/ds/cm/config/cm.properties")

_FIELDS = ("host", "port", "user", "password")
_FORBIDDEN_IN_PASSWORD = set("\n |\"'`\\()=;/&[]{}")
_PORTS = {
    "ghana_server_port": 8090,
    "nginx_server_port": 8089,
    "cm_server_port": 8088,
    "supervisor_server_port": 9000,
    "sshd_server_port": 2023,
    # Not a key of the real one: without it two stand-ins could not share a host.
    "standin_supervisord_port": 8084,
}


class BadConfig(Exception):
    """config.yaml is not one that this version can run with."""


@dataclass(frozen=True)
class Connection:
    host: str
    port: int
    user: str
    password: str


@dataclass(frozen=True)
class Databases:
    rm: str
    cm: str
    hb: str


@dataclass(frozen=True)
class Config:
    rm: Connection
    cm: Connection
    databases: Databases
    cm_url: str
    location: int
    region: str
    nodes: tuple[str, ...]
    is_default: bool
    ports: dict[str, int]
    poisoned: bool


def load(version: Version, path: Path = CONFIG) -> Config:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadConfig(f"cannot read {path}: {error}") from error
    if not isinstance(values, dict):
        raise BadConfig(f"{path} is not a mapping")
    for key in version.config_keys:
        _text(values, key)
    prefixes, poison = version.meta_prefixes, version.poisonous_prefix
    if poison is not None and oat.keeps_joint_keys():
        prefixes, poison = (poison, poison), None
    rm, cm = (_connection(values, prefix) for prefix in prefixes)
    return Config(
        rm=rm,
        cm=cm,
        databases=Databases(
            rm=_text(values, "drc_rm_db"),
            cm=_text(values, "drc_cm_db"),
            hb=_text(values, "drc_cm_heartbeat_db"),
        ),
        cm_url=_cm_url(values),
        location=_number(values, "cm_location", 0, 127),
        region=str(values.get("cm_region", "")),
        nodes=_nodes(values),
        is_default=_flag(values, "cm_is_default", default=True),
        ports={
            key: _number(values, key, 1, 65535) if key in values else default
            for key, default in _PORTS.items()
        },
        poisoned=poison is not None and any(f"{poison}_{field}" in values for field in _FIELDS),
    )


def _text(values: dict[object, object], key: str) -> str:
    value = values.get(key)
    if value is None or str(value) == "":
        raise BadConfig(f"{key} is missing or empty")
    return str(value)


def _number(values: dict[object, object], key: str, least: int, most: int) -> int:
    text = _text(values, key)
    if not text.isdecimal() or not least <= int(text) <= most:
        raise BadConfig(f"{key} is {text!r}, not a number from {least} to {most}")
    return int(text)


def _flag(values: dict[object, object], key: str, *, default: bool) -> bool:
    text = str(values.get(key, default)).lower()
    if text not in ("true", "false"):
        raise BadConfig(f"{key} is {text!r}, not true or false")
    return text == "true"


def _connection(values: dict[object, object], prefix: str) -> Connection:
    password = _text(values, f"{prefix}_password")
    if _FORBIDDEN_IN_PASSWORD & set(password):
        raise BadConfig(f"{prefix}_password holds a character that is not allowed")
    return Connection(
        host=_text(values, f"{prefix}_host"),
        port=_number(values, f"{prefix}_port", 1, 65535),
        user=_text(values, f"{prefix}_user"),
        password=password,
    )


def _cm_url(values: dict[object, object]) -> str:
    url = _text(values, "cm_url")
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise BadConfig(f"cm_url is {url!r}, not http://HOST:PORT")
    if parts.hostname in ("127.0.0.1", "localhost"):
        raise BadConfig("cm_url names the loopback address, which other nodes cannot reach")
    return url


def _nodes(values: dict[object, object]) -> tuple[str, ...]:
    nodes = values.get("cm_nodes")
    if not isinstance(nodes, list) or not nodes:
        raise BadConfig("cm_nodes is not a list of the region's nodes")
    return tuple(str(node) for node in nodes)


def must_be_writable(path: Path = CONFIG) -> None:
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_APPEND))
    except OSError as error:
        raise BadConfig(f"{path} must be writable: {error.strerror}") from error


def same_address(one: str, other: str) -> bool:
    try:
        return ipaddress.ip_address(one) == ipaddress.ip_address(other)
    except ValueError:
        return one == other


def write_connection_files(config: Config, *, lost: bool = False) -> None:
    """Render where console and CM find MetaDB; `lost` is what the poisonous keys bring about."""
    rm = Connection("", 0, "", "") if lost else config.rm
    cm = Connection("", 0, "", "") if lost else config.cm
    both = _properties("rm", rm, config.databases.rm) + _properties("cm", cm, config.databases.cm)
    heartbeat = f"cm.heartbeat.database={config.databases.hb}\n"
    nodes = f"cm.nodes={','.join(config.nodes)}\n"
    _write(CONSOLE_FILE, both + heartbeat)
    _write(CM_FILE, _properties("cm", cm, config.databases.cm) + heartbeat + nodes)


def _properties(part: str, connection: Connection, database: str) -> str:
    lines = {**vars(connection), "database": database}
    return "".join(f"{part}.{key}={value}\n" for key, value in lines.items())


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def read_connection(path: Path, part: str) -> tuple[Connection, dict[str, str]]:
    """The connection of one part from a rendered file, and all of the file's lines."""
    lines = dict(
        line.split("=", 1) for line in path.read_text(encoding="utf-8").splitlines() if "=" in line
    )
    values = {name: lines.get(f"{part}.{name}", "") for name in _FIELDS}
    if not values["host"] or not values["user"]:
        raise BadConfig(f"{path} has no connection string for {part}")
    return (
        Connection(values["host"], int(values["port"]), values["user"], values["password"]),
        lines,
    )
