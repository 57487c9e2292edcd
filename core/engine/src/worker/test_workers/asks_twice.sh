#!/bin/sh
# Asks for a permit, and once more, and tells what it hears.
# What is heard, as a message.
hear() {
    read -r line
    printf '{"failed":{"code":"X","message":"%s"}}\n' "$(printf %s "$line" | sed 's/"/\\"/g')"
}
read -r request
echo '{"started":{"image":{"id":"aa","name":"node","signer":"bb"},"device":"chip","unit_time_ms":60000}}'
echo '{"gate":{"uid":"12ab"}}'
hear
echo '{"gate":{"uid":"12ab"}}'
hear
