#!/bin/sh
# Stands in for `java -jar DynamoDBLocal.jar` in CI: Dynoxide at the same port, its
# database in the directory that -dbPath names.
set -eu

directory=
while [ $# -gt 0 ]; do
  case $1 in
  -jar) shift ;;
  -sharedDb) ;;
  -dbPath) directory=$2 && shift ;;
  *) echo "the stand-in for DynamoDB Local does not know $1" >&2 && exit 2 ;;
  esac
  shift
done
exec dynoxide serve --host 0.0.0.0 --port 8000 --db-path "${directory:?-dbPath is missing}/shared-local-instance.db"
