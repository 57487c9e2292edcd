#!/bin/sh
# Ends without a word.
read -r request
exit 0
