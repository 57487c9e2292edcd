/* The chips A1 of ACME, as their datasheet has them, and what family and board share.
 *
 * An example that is small enough to be read at once: put your own chip in its place.
 */
#ifndef A1_H
#define A1_H

#include <imprint_plugin.h>

/* Static text of the ABI. */
#define TEXT(literal) { literal, sizeof(literal) - 1 }

/* Factory data: the part number, then eight bytes of unique identifier. */
#define PART 0x1FF00000u
#define UID 0x1FF00004u
#define UID_LEN 8u

/* Flash begins at 0; how long it is, the device file says. */
#define SECTOR_LEN 0x400u

/* Two words in a sector of their own. The lock word: all ones is open, a reset arms it. The user word: free for use. */
#define LOCK 0x1FF01000u
#define USER 0x1FF01004u

/* The flash controller. */
#define CONTROL 0x40001000u
#define CONTROL_READ 0u
#define CONTROL_PROGRAM 1u
#define CONTROL_ERASE 2u
#define ERASE 0x40001004u /* the address that is written tells the sector */
#define STATUS 0x40001008u
#define STATUS_BUSY 1u
#define STATUS_FAILED 2u /* a word was not erased and was left as it is; a write to CONTROL clears it */

/* Access port 1, which stays open when the chip is locked. */
#define PORT 1u
#define PORT_ERASE 0x00u /* write 1: erase all, and with it open the lock */
#define PORT_STATUS 0x04u
#define PORT_BUSY 1u
#define PORT_LOCKED 2u

/* The properties that a device file of this family must have. */
#define PROPERTY_PART TEXT("part")
#define PROPERTY_FLASH_END TEXT("flash.end")

/* Longest property, with its terminating zero. */
#define NUMBER_CAP 32u

/* Whether an ABI text is exactly this one. */
int text_is(struct imprint_str text, const char *expected);

/* Explains a failure to the caller, who owns `error` and may not want it. Returns `status`. */
imprint_status fail(struct imprint_error *error, imprint_status status, uint64_t address,
                    const char *sentence);

/* Reads a number, decimal or with 0x, from `len` bytes in a buffer of NUMBER_CAP. 0 when it is none. */
int parse_number(char *text, size_t len, uint64_t *number);

/* The chip's peripherals, for the twin. */
extern const struct imprint_board a1_board;

#endif
