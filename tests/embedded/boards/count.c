/* Print the instructions of the front end for each second of sound. */
#include "count.h"
#include "frontend.h"
#include "golden.h"

static frontend state;

int main(void)
{
    const int16_t *samples = golden_samples;
    size_t count = GOLDEN_SAMPLES;

    start_ticks();
    double per_tick = instructions_per_tick();
    frontend_begin(&state);
    uint32_t begin = ticks();
    while (frontend_push_int16(&state, &samples, &count))
        ;
    print_count(begin, ticks(), per_tick, GOLDEN_SAMPLES / (double)FRONTEND_SAMPLE_RATE);
    return 0;
}
