#!/bin/sh
cd /root && exec python -m omsflow.setup upgrade
