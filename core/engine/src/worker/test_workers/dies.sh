#!/bin/sh
# Is killed while its unit runs.
read -r request
echo '{"started":{"image":{"id":"aa","name":"node","signer":"bb"},"device":"chip","unit_time_ms":60000}}'
echo '{"event":{"step_started":{"name":"erase","detail":"flash","len":64}}}'
kill -KILL $$
