#!/bin/sh
# Prints what is no message between its messages, and reads the image from descriptor 3.
read -r request
echo 'hello from a library'
echo '{"weather":"rain"}'
read -r text < /proc/self/fd/3
echo "{\"failed\":{\"code\":\"X\",\"message\":\"$text\"}}"
echo '"done"'
