/* The start of a program on a Cortex-M of qemu: the vector table, the floating-point unit, then main. */
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

extern uint32_t stack_top;
extern void initialise_monitor_handles(void);
int main(void);

void reset(void)
{
    *(volatile uint32_t *)0xE000ED88 |= 0xFu << 20; /* CPACR: full access to the floating-point unit */
    __asm volatile("dsb\n isb");
    initialise_monitor_handles(); /* printf goes to qemu */
    int status = main();
    fflush(stdout);
    _exit(status);
}

static void fault(void)
{
    _exit(3);
}

__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {
    &stack_top, reset, fault, fault, fault, fault, fault, 0, 0, 0, 0, fault, fault, 0, fault, fault,
};
