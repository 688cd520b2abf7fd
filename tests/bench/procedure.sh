#!/bin/bash
# The upgrade as the procedure describes it, command by command, by somebody who does not lose time between
# them. Says on stdout when each step ended, in seconds since 1970. MetaDB's password is in MYSQL_PWD.
set -euo pipefail

: "${DOCKER_HOST:?}" "${META_HOST:?}" "${META_PORT:?}" "${META_USER:?}" "${MYSQL_PWD:?}" "${SITE:?}" "${ARCHIVE:?}"
: "${IMAGE:?}" "${OMS_HOST_IP:?}" "${RM:?}" "${CM:?}" "${HB:?}" "${BACKUP:?}"
old=oms_430 new=oms_431

meta=(-h "$META_HOST" -P "$META_PORT" -u "$META_USER")
ended() { echo "$1 $(date +%s.%N)"; }
set_ha() { mariadb "${meta[@]}" -D"$RM" -e "UPDATE oms_normal_config SET cfg_value = JSON_SET(cfg_value, '\$.enable', $1) WHERE cfg_name = 'ha.config'"; }

set_ha false
ended ha-off

docker stop -t 60 $old >/dev/null
ended stop

mariadb "${meta[@]}" -D"$HB" <<'SQL'
CREATE TABLE IF NOT EXISTS `heatbeat_sequence_bak` (`id` bigint(20) NOT NULL AUTO_INCREMENT COMMENT 'PK', `gmt_created` datetime NOT NULL, `gmt_modified` datetime NOT NULL, PRIMARY KEY (`id`)) DEFAULT CHARSET=utf8 COMMENT='Heartbeat sequence table';
INSERT INTO heatbeat_sequence_bak SELECT `id`,`gmt_created`,`gmt_modified` FROM heatbeat_sequence ORDER BY `id` DESC LIMIT 1;
ALTER TABLE `heatbeat_sequence` RENAME TO `heatbeat_sequence_bak2`;
ALTER TABLE `heatbeat_sequence_bak` RENAME TO `heatbeat_sequence`;
DROP TABLE heatbeat_sequence_bak2;
SQL
ended heartbeat

for database in "$RM" "$CM" "$HB"; do
    mariadb-dump "${meta[@]}" --triggers=false "$database" >"$BACKUP/$database.sql"
    test -s "$BACKUP/$database.sql"
done
cp -p "$SITE/config.yaml" "$BACKUP/"
ended backup

docker load -q -i "$ARCHIVE" >/dev/null
ended load

# Each of the four old keys becomes two.
sed -i -E "s/^([\"']?)oms_meta_(host|port|user|password)(.*)$/\1oms_rm_meta_\2\3\n\1oms_cm_meta_\2\3/" "$SITE/config.yaml"
ended config

docker run -dit --net host -v "$SITE/config.yaml:/home/admin/conf/config.yaml" \
    -v "$SITE/oms/oms_logs:/home/admin/logs" -v "$SITE/oms/oms_store:/home/ds/store" -v "$SITE/oms/oms_run:/home/ds/run" \
    -e OMS_HOST_IP="$OMS_HOST_IP" -e IS_UPGRADE=true --privileged=true --pids-limit -1 --ulimit nproc=65535:65535 \
    --name $new "$IMAGE" >/dev/null
ended run

until [ "$(docker exec $new supervisorctl status 2>/dev/null | grep -cE '^oms_drc_(cm|supervisor) +RUNNING')" = 2 ]; do sleep 1; done
ended ready

docker exec $new sh /root/docker_upgrade.sh >&2
ended script

until curl -s "http://$OMS_HOST_IP:8089/oms/health" | grep -qE '"healthy": ?true'; do sleep 1; done
ended healthy

set_ha true
ended ha-on
