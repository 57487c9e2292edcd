/* Registers of the Cortex-M system control space, ARMv6-M and ARMv7-M (DDI 0419E B3, DDI 0403E B3). */
#ifndef CORE_H
#define CORE_H

#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t *)(address))

#define CPUID REGISTER(0xE000ED00u)
#define ICSR REGISTER(0xE000ED04u)
#define ICSR_PENDSVSET (1u << 28)

#define SYST_CSR REGISTER(0xE000E010u)
#define SYST_RVR REGISTER(0xE000E014u)
#define SYST_CVR REGISTER(0xE000E018u)
#define SYST_CSR_ENABLE (1u << 0)
#define SYST_CSR_TICKINT (1u << 1)
#define SYST_CSR_CLKSOURCE_CORE (1u << 2)

#endif
