#!/bin/sh
# Entry point: prepare, then become supervisord. Until then a stop must be obeyed too:
# as process 1 of its container a shell ignores SIGTERM unless it has a trap.
cd /root || exit 1
trap 'kill "$boot"; exit 143' TERM
python -m omsflow.boot &
boot=$!
wait "$boot" || exit $?
trap - TERM
# With an upgrade due there is no good start to announce before its script has run, and where only
# components run there is no console that could be good.
if [ "$STANDIN_ROLE" = component ]; then
    :
elif [ "$IS_UPGRADE" != true ] || [ -s /root/init_flag.txt ]; then
    python -m omsflow.announce &
fi
exec supervisord -n -s -c /etc/supervisor/supervisord.conf
