#!/bin/sh
# Is killed while it waits for its permit.
read -r request
echo '{"started":{"image":{"id":"aa","name":"node","signer":"bb"},"device":"chip","unit_time_ms":60000}}'
echo '{"gate":{"uid":"12ab"}}'
kill -KILL $$
