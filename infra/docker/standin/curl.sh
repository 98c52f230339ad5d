#!/bin/sh
# Stands in for the curl of DynamoDB Local's image, which its health check uses.
exec dynoxide healthcheck
