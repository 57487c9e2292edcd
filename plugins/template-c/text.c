/* Text that crosses the boundary: it has a length and no terminating zero. */
#include "a1.h"

#include <stdlib.h>
#include <string.h>

int text_is(struct imprint_str text, const char *expected)
{
    return text.data != NULL && text.len == strlen(expected) &&
           memcmp(text.data, expected, text.len) == 0;
}

imprint_status fail(struct imprint_error *error, imprint_status status, uint64_t address,
                    const char *sentence)
{
    if (error != NULL && error->struct_size >= sizeof *error) {
        size_t len = strlen(sentence);
        size_t cut = len < error->message_cap ? len : error->message_cap;
        error->detail = 0;
        error->address = address;
        error->message_len = len;
        if (error->message != NULL)
            memcpy(error->message, sentence, cut);
    }
    return status;
}

int parse_number(char *text, size_t len, uint64_t *number)
{
    char *end;

    if (len == 0 || len >= NUMBER_CAP)
        return 0;
    text[len] = '\0';
    *number = strtoull(text, &end, 0);
    return *end == '\0';
}
