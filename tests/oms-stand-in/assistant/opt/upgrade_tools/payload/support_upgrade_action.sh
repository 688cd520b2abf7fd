#!/bin/sh
PYTHONPATH=/root PYTHONDONTWRITEBYTECODE=1 exec python support_upgrade_action.py
