/* Instructions by the timer of the core: under `-icount shift=0` qemu's time goes on by the instruction. */
#include <stdint.h>
#include <stdio.h>

#define SYSTICK ((volatile uint32_t *)0xE000E010)

static uint32_t ticks(void)
{
    return 0xFFFFFF - SYSTICK[2];
}

/* The counter has 24 bits: differences are taken modulo 2^24. */
static void start_ticks(void)
{
    SYSTICK[1] = 0xFFFFFF;
    SYSTICK[2] = 0;
    SYSTICK[0] = 5; /* on, from the clock of the core */
}

/* Return the instructions of one tick: a loop of two, a million times. */
static double instructions_per_tick(void)
{
    uint32_t begin = ticks();
    __asm volatile("movw r3, #16960\n movt r3, #15\n 1: subs r3, #1\n bne 1b" ::: "r3", "cc");
    return 2e6 / (double)((ticks() - begin) & 0xFFFFFF);
}

static void print_count(uint32_t begin, uint32_t end, double per_tick, double seconds)
{
    printf("instructions %.0f\n", (double)((end - begin) & 0xFFFFFF) * per_tick / seconds);
}
