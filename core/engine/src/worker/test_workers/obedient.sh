#!/bin/sh
# Ends when it is cancelled.
read -r request
echo '{"started":{"image":{"id":"aa","name":"node","signer":"bb"},"device":"chip","unit_time_ms":60000}}'
read -r line
test "$line" = cancel || exit 1
echo '{"report":{"outcome":"cancelled","image":{"id":"","name":"","signer":""},"device":"","on":"","records":[],"steps":[],"changes":{"erased":[],"programmed":[],"options":[],"unlocked":false,"protected":false},"log":[],"time":{"real_us":1},"transfer_count":0}}'
echo '"done"'
