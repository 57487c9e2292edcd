#!/bin/sh
# Writes a line that is longer than any message, then goes on as if nothing had happened.
read -r request
echo '{"started":{"image":{"id":"aa","name":"node","signer":"bb"},"device":"chip","unit_time_ms":60000}}'
echo '{"event":{"step_started":{"name":"erase","detail":"flash","len":64}}}'
yes | tr -d '\n' | head -c 17000000
echo
echo '"done"'
exec sleep 60
