#!/usr/bin/python3
"""What the chart renders to.

Goal: the chart and manifests/ install the same operator, with no right, mount or open port that it does
not use, and a value that means nothing is refused before anything reaches a cluster.
Method: `helm template` and `helm lint` of a pinned helm, and objects looked at; no cluster.
"""

from __future__ import annotations

import json
import re
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from .kit import CHART, ROOT, Object, container, helm, is_hook, of_kind, pod, refused, render, the

from bed import control_plane  # noqa: E402

# What only helm writes: about the release, not about the operator.
OF_HELM = {
    "labels": ("helm.sh/chart", "app.kubernetes.io/managed-by", "app.kubernetes.io/version"),
    "annotations": ("helm.sh/resource-policy",),
}


def by_name(objects: list[Object]) -> dict[tuple[str, str], Object]:
    found = {(one["kind"], one["metadata"]["name"]): one for one in objects if not is_hook(one)}
    for one in found.values():
        for field, keys in OF_HELM.items():
            left = {key: value for key, value in one["metadata"].pop(field, {}).items() if key not in keys}
            # The schema's one label; kustomize adds none, and an instance of it there is not.
            if one["kind"] == "CustomResourceDefinition":
                left.pop("app.kubernetes.io/instance", None)
            if left:
                one["metadata"][field] = left
    return found


def kustomized() -> list[Object]:
    words = [str(control_plane.kubectl()), "kustomize", str(ROOT / "manifests")]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    return list(yaml.safe_load_all(said))


def test_helm_finds_nothing_to_complain_about() -> None:
    done = helm("lint", "--strict", CHART)
    assert done.returncode == 0, done.stdout + done.stderr


def test_chart_and_manifests_are_the_same_objects() -> None:
    manifests, chart = by_name(kustomized()), by_name(render())
    # The namespace is who installs it's to make: helm has --create-namespace.
    del manifests["Namespace", "oms-system"]
    assert chart.keys() == manifests.keys()
    for key, one in manifests.items():
        assert chart[key] == one, key


def test_the_schema_of_the_chart_is_the_one_schema_to_the_letter() -> None:
    done = helm("template", "x", CHART, "--show-only", "templates/crd.yaml", "--kube-version", "1.35.4")
    assert done.returncode == 0, done.stderr
    one = (ROOT / "crds/omsupgrades.yaml").read_text()
    head, body = one.split("\nspec:\n")
    assert done.stdout.split("\nspec:\n", 1)[1].rstrip() == body.rstrip()
    assert head.split("metadata:")[0] in done.stdout


def test_a_packed_chart_holds_the_schema_itself_and_no_link_to_it(tmp_path: Path) -> None:
    done = helm("package", CHART, "--destination", tmp_path)
    assert done.returncode == 0, done.stderr
    (packed,) = tmp_path.glob("*.tgz")
    with tarfile.open(packed) as archive:
        assert not [one.name for one in archive if not one.isfile()]
        schema = archive.extractfile("oms-operator/files/omsupgrades.yaml")
        assert schema and schema.read() == (ROOT / "crds/omsupgrades.yaml").read_bytes()


def test_the_versions_are_the_projects() -> None:
    found = re.search(r"project\(oms_operator VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert found and chart["version"] == chart["appVersion"] == found[1]


def test_an_uninstall_leaves_schema_and_backups_unless_told_otherwise() -> None:
    def kept(values: Object) -> set[str]:
        policy = "helm.sh/resource-policy"
        return {one["kind"] for one in render(values) if policy in one["metadata"].get("annotations", {})}

    assert kept({}) == {"CustomResourceDefinition", "PersistentVolumeClaim"}
    assert kept({"crds.keep": False, "backups.keep": False}) == set()
    assert not of_kind(render({"crds.enabled": False}), "CustomResourceDefinition")


def test_whole_cluster_takes_one_cluster_role_and_no_secret_can_be_listed() -> None:
    objects = render()
    assert [one["metadata"]["name"] for one in of_kind(objects, "Role")] == ["oms-operator-leader"]
    rules = the(objects, "ClusterRole")["rules"]
    (secrets,) = [one for one in rules if one["resources"] == ["secrets"]]
    assert secrets["verbs"] == ["get"] and "resourceNames" not in secrets
    assert not any("*" in one["verbs"] + one["resources"] + one["apiGroups"] for one in rules)


def test_named_namespaces_take_a_role_each_and_nothing_of_the_cluster() -> None:
    objects = render({"watchNamespaces": ["shop", "bank"], "rbac.secretNames": ["oms-metadb"]})
    assert not of_kind(objects, "ClusterRole") and not of_kind(objects, "ClusterRoleBinding")
    roles = {one["metadata"]["namespace"]: one for one in of_kind(objects, "Role")}
    bindings = {one["metadata"]["namespace"]: one for one in of_kind(objects, "RoleBinding")}
    assert roles.keys() == bindings.keys() == {"shop", "bank", "oms-system"}
    assert all(one["subjects"][0]["namespace"] == "oms-system" for one in bindings.values())
    (secrets,) = [one for one in roles["shop"]["rules"] if one["resources"] == ["secrets"]]
    assert secrets["resourceNames"] == ["oms-metadb"]
    assert {"--namespace=shop", "--namespace=bank"} <= set(container(objects)["args"])


def test_a_part_of_the_fleet_has_a_lease_of_its_own() -> None:
    def lease(objects: list[Object]) -> str:
        (role,) = [one for one in of_kind(objects, "Role") if one["metadata"]["name"].endswith("-leader")]
        (name,) = [name for rule in role["rules"] for name in rule.get("resourceNames", [])]
        assert f"--lease-name={name}" in container(objects)["args"]
        return str(name)

    assert lease(render({"fullnameOverride": "another"})) == "oms-operator", "only one may work on everything"
    bank = render({"fullnameOverride": "bank", "selector": "team in (bank, shop),!old"})
    assert lease(bank) == "bank"
    assert "--selector=team in (bank, shop),!old" in container(bank)["args"]
    assert lease(render({"fullnameOverride": "shop", "watchNamespaces": ["shop"]})) == "shop"
    assert lease(render({"leaderElection.leaseName": "mine"})) == "mine"


def test_two_replicas_take_turns_and_one_gives_its_volume_back_first() -> None:
    assert the(render(), "Deployment")["spec"]["strategy"] == {"type": "Recreate"}
    several = render({"replicas": 2, "backups.accessMode": "ReadWriteMany", "podDisruptionBudget.enabled": True})
    spec = the(several, "Deployment")["spec"]
    assert spec["replicas"] == 2 and spec["strategy"]["rollingUpdate"] == {"maxSurge": 0, "maxUnavailable": 1}
    assert "--leader-elect" in container(several)["args"]
    budget = the(several, "PodDisruptionBudget")["spec"]
    assert budget["maxUnavailable"] == 1 and budget["selector"] == spec["selector"]


def test_the_pod_is_as_the_values_say() -> None:
    said: Object = {
        "image": {"repository": "registry.example/oms-operator", "digest": "sha256:" + "0" * 64, "pullPolicy": "Always"},
        "imagePullSecrets": ["pull"],
        "extraArgs": ["--workers=8"],
        "extraEnv": [{"name": "TZ", "value": "Asia/Shanghai"}],
        "extraVolumes": [{"name": "archives", "emptyDir": {}}],
        "extraVolumeMounts": [{"name": "archives", "mountPath": "/archives"}],
        "priorityClassName": "system-cluster-critical",
        "nodeSelector": {"disk": "big"},
        "tolerations": [{"operator": "Exists"}],
        "affinity": {"nodeAffinity": {}},
        "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}],
        "podLabels": {"team": "dba"},
        "podAnnotations": {"note": "x"},
    }
    objects = render(said)
    spec, one = pod(objects), container(objects)
    assert one["image"] == "registry.example/oms-operator@sha256:" + "0" * 64
    assert one["imagePullPolicy"] == "Always" and spec["imagePullSecrets"] == [{"name": "pull"}]
    assert one["args"][-1] == "--workers=8" and one["env"] == said["extraEnv"]
    assert said["extraVolumes"][0] in spec["volumes"] and said["extraVolumeMounts"][0] in one["volumeMounts"]
    for field in ("priorityClassName", "nodeSelector", "tolerations", "affinity"):
        assert spec[field] == said[field]
    (spread,) = spec["topologySpreadConstraints"]
    deployment = the(objects, "Deployment")["spec"]
    assert spread == {**said["topologySpreadConstraints"][0], "labelSelector": deployment["selector"]}
    assert deployment["template"]["metadata"]["labels"]["team"] == "dba"
    assert deployment["template"]["metadata"]["annotations"] == {"note": "x"}


def test_backups_lie_where_the_values_say() -> None:
    claim = the(render({"backups": {"size": "1Ti", "storageClass": "fast"}}), "PersistentVolumeClaim")["spec"]
    assert claim["storageClassName"] == "fast" and claim["resources"]["requests"]["storage"] == "1Ti"
    assert the(render({"backups.storageClass": "-"}), "PersistentVolumeClaim")["spec"]["storageClassName"] == ""
    objects = render({"backups.existingClaim": "mine"})
    assert not of_kind(objects, "PersistentVolumeClaim")
    assert pod(objects)["volumes"][0]["persistentVolumeClaim"]["claimName"] == "mine"


def test_nothing_may_connect_but_a_probe_and_prometheus_and_egress_is_closed_when_asked() -> None:
    def let_in(values: Object) -> list[Object]:
        return list(the(render(values), "NetworkPolicy")["spec"]["ingress"])

    health, metrics = ({"ports": [{"port": one["name"], "protocol": "TCP"}]} for one in container(render())["ports"])
    assert the(render(), "NetworkPolicy")["spec"]["policyTypes"] == ["Ingress"]
    assert let_in({}) == [health, metrics]
    assert let_in({"metrics.enabled": False}) == [health]
    monitoring = [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}]
    assert let_in({"networkPolicy.metricsFrom": monitoring}) == [health, {**metrics, "from": monitoring}]
    rule = {"ports": [{"port": 6443}]}
    closed = the(render({"networkPolicy.egress": [rule]}), "NetworkPolicy")["spec"]
    assert closed["policyTypes"] == ["Ingress", "Egress"] and closed["egress"] == [rule]
    assert not of_kind(render({"networkPolicy.enabled": False}), "NetworkPolicy")


def test_prometheus_finds_the_port_and_takes_the_upgrades_namespace_for_what_it_is() -> None:
    objects = render({"serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}, "interval": "1m"}})
    monitor, service = the(objects, "ServiceMonitor"), the(objects, "Service")
    assert monitor["metadata"]["labels"]["release"] == "prometheus"
    assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    (endpoint,) = monitor["spec"]["endpoints"]
    (port,) = service["spec"]["ports"]
    assert endpoint == {"port": port["name"], "path": "/metrics", "interval": "1m", "honorLabels": True}
    (listens,) = [one for one in container(objects)["ports"] if one["name"] == port["targetPort"]]
    assert listens["containerPort"] == 8080
    assert service["spec"]["selector"] == the(objects, "Deployment")["spec"]["selector"]["matchLabels"]


def test_without_metrics_nothing_listens_and_no_service_says_so() -> None:
    objects = render({"metrics.enabled": False})
    assert "--metrics-address=none" in container(objects)["args"]
    assert [one["name"] for one in container(objects)["ports"]] == ["health"]
    assert not of_kind(objects, "Service")


def test_the_alerts_are_the_file_with_the_values_limits() -> None:
    (file,) = [yaml.safe_load((CHART / "files/alerts.yaml").read_text())]
    said: Object = {"enabled": True, "labels": {"release": "prometheus"}}
    rule = the(render({"prometheusRule": said}), "PrometheusRule")
    assert rule["spec"] == file and rule["metadata"]["labels"]["release"] == "prometheus"
    said |= {"downtimeBudgetSeconds": 1800, "backupAgeDays": 365, "runbooks": "https://example.com/v1/"}
    groups = the(render({"prometheusRule": said}), "PrometheusRule")["spec"]["groups"]
    rules = [one for group in groups for one in group["rules"]]
    assert [one["expr"] for one in rules if "record" in one] == ["vector(1800)", f"vector({365 * 86400})"]
    for one in rules:
        assert "alert" not in one or one["annotations"]["runbook_url"].startswith("https://example.com/v1/docs/alerts.md#")


def test_the_dashboard_is_the_file() -> None:
    one = the(render({"dashboard.enabled": True}), "ConfigMap")
    assert json.loads(one["data"]["oms-operator.json"]) == json.loads((CHART / "files/dashboard.json").read_text())
    assert one["metadata"]["labels"]["grafana_dashboard"] == "1"


def test_the_docker_socket_is_mounted_for_its_own_group() -> None:
    objects = render({"docker.socket": {"enabled": True, "group": 998}})
    assert {"path": "/var/run/docker.sock", "type": "Socket"} in [one.get("hostPath") for one in pod(objects)["volumes"]]
    assert pod(objects)["securityContext"]["supplementalGroups"] == [998]


def test_two_releases_of_one_namespace_have_nothing_in_common() -> None:
    names = [{(one["kind"], one["metadata"]["name"]) for one in render(name=name)} for name in ("one", "two")]
    assert {kind for kind, _ in names[0] & names[1]} == {"CustomResourceDefinition"}


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"replica": 2}, "replica"),
        ({"replicas": "two"}, "replicas"),
        ({"backups.siez": "1Gi"}, "siez"),
        ({"backups.size": "much"}, "size"),
        ({"backups.accessMode": "ReadOnlyMany"}, "accessMode"),
        ({"image.tag": "a b"}, "tag"),
        ({"image.digest": "sha256:0"}, "digest"),
        ({"log.level": "verbose"}, "level"),
        ({"log.level": "info,kube=loud"}, "level"),
        ({"watchNamespaces": "shop"}, "watchNamespaces"),
        ({"watchNamespaces": ["Shop"]}, "watchNamespaces"),
        ({"docker.socket.enabled": "yes"}, "enabled"),
        ({"terminationGracePeriodSeconds": 1}, "terminationGracePeriodSeconds"),
        ({"docker.socket.enabled": True}, "stat -c %g"),
        ({"replicas": 2, "leaderElection.enabled": False}, "two operators would carry out the same upgrade"),
        ({"replicas": 2, "backups.accessMode": "ReadWriteOncePod"}, "the second pod would never start"),
        ({"serviceMonitor.enabled": True, "metrics.enabled": False}, "nothing to scrape"),
        ({"serviceMonitor.interval": "often"}, "interval"),
        ({"prometheusRule.downtimeBudgetSeconds": 0}, "downtimeBudgetSeconds"),
        ({"serviceAccount.create": False}, "serviceAccount.name must be said"),
    ],
    ids=str,
)
def test_a_value_that_means_nothing_is_refused(values: Object, told: str) -> None:
    assert told in refused(values)


def test_every_value_is_in_the_schema_and_nothing_else() -> None:
    def leaves(values: Any, schema: Object, path: str) -> Iterator[str]:
        properties = schema.get("properties")
        if properties is None or not isinstance(values, dict):
            return
        assert schema["additionalProperties"] is False, f"{path or 'the top'} takes anything"
        yield from (f"{path}.{key}" for key in values.keys() ^ properties.keys())
        for key in values.keys() & properties.keys():
            yield from leaves(values[key], properties[key], f"{path}.{key}")

    values = yaml.safe_load((CHART / "values.yaml").read_text())
    schema = yaml.safe_load((CHART / "values.schema.json").read_text())
    assert set(leaves(values, schema, "")) == {".global"}


def test_the_chart_may_be_part_of_another() -> None:
    assert render({"global": {"imageRegistry": "x"}})
