#!/bin/sh
# Puts the files of the new components where the component container sees them, and ends.
set -e
cp -r /opt/upgrade_tools/payload/. /root/rpm/
cp /opt/upgrade_tools/VERSION /root/rpm/VERSION
