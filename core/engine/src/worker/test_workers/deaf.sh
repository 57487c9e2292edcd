#!/bin/sh
# Does not hear that it is cancelled.
read -r request
echo '{"started":{"image":{"id":"aa","name":"node","signer":"bb"},"device":"chip","unit_time_ms":60000}}'
exec sleep 60
