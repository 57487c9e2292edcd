#!/bin/sh
# Is killed while it changes the target.
read -r request
echo '{"started":{"image":{"id":"aa","name":"node","signer":"bb"},"device":"chip","unit_time_ms":60000}}'
echo '{"event":{"changing":{"erased":[{"address":0,"len":8192}],"programmed":[],"options":[],"unlocked":false,"protected":false}}}'
echo '{"event":{"changing":{"erased":[],"programmed":[{"address":0,"len":256}],"options":[],"unlocked":false,"protected":false}}}'
echo '{"event":{"changing":{"erased":[],"programmed":[{"address":256,"len":256}],"options":[],"unlocked":false,"protected":false}}}'
echo '{"event":{"changing":{"erased":[],"programmed":[{"address":4096,"len":16}],"options":[],"unlocked":false,"protected":false}}}'
echo '{"event":{"changing":{"erased":[],"programmed":[],"options":["RDP"],"unlocked":false,"protected":true}}}'
kill -KILL $$
