/* What the application leaves in RAM for whoever reads it over the wire. It is the first thing in RAM. */
#ifndef HEARTBEAT_H
#define HEARTBEAT_H

#include <stdint.h>

#define HEARTBEAT_MAGIC 0x54414548u /* "HEAT" */

struct heartbeat {
    uint32_t magic;     /* HEARTBEAT_MAGIC once the application is up. */
    uint32_t ticks;     /* Interrupts of the tick. */
    uint32_t beats;     /* Rounds of the main loop. */
    uint32_t answer;    /* What the last supervisor call gave back: twice the beat it was asked for. */
    uint32_t image_crc; /* CRC-32 of the application in flash, computed by itself. */
    uint32_t fault;     /* Number of the exception that stopped it, or 0. */
};

extern volatile struct heartbeat heartbeat;

#endif
