#!/bin/sh
# Asks for a permit before there is a unit.
# What is heard, as a message.
hear() {
    read -r line
    printf '{"failed":{"code":"X","message":"%s"}}\n' "$(printf %s "$line" | sed 's/"/\\"/g')"
}
read -r request
echo '{"gate":{}}'
hear
echo '"done"'
