/* CRC-32 of IEEE 802.3: polynomial 0x04C11DB7 reflected, start and final XOR 0xFFFFFFFF, as in zip and zlib. */
#ifndef CRC32_H
#define CRC32_H

#include <stdint.h>

/* CRC-32 of `len` bytes at `data`. */
uint32_t crc32(const uint8_t *data, uint32_t len);

#endif
