#!/bin/sh
# Ends as a Rust program does that gets no memory.
read -r request
echo '{"started":{"image":{"id":"aa","name":"node","signer":"bb"},"device":"chip","unit_time_ms":60000}}'
echo 'memory allocation of 4096 bytes failed' >&2
kill -ABRT $$
