/* Golden pack of frontend.c: prints the largest difference from the expected features.

   Samples come in blocks of changing lengths, as 16-bit integers and as floats. Exit code 0: all within the
   bounds. */
#include "frontend.h"
#include "golden.h"

#include <stdio.h>

static frontend state;
static float worst_difference, worst_part;
static size_t num_rows;

static void compare(const float *row)
{
    if (num_rows < GOLDEN_ROWS) {
        for (size_t i = 0; i < FRONTEND_NUM_BANDS; i++) {
            float difference = row[i] - golden_features[num_rows * FRONTEND_NUM_BANDS + i];
            difference = difference < 0.0f ? -difference : difference;
            float part = difference / golden_bounds[num_rows];
            /* NaN is no number of any size: it counts as the worst. */
            if (!(difference <= worst_difference))
                worst_difference = difference;
            if (!(part <= worst_part))
                worst_part = part;
        }
    }
    num_rows++;
}

static int check(int as_floats)
{
    static float floats[1000];
    const float *row;
    size_t length = 1;

    worst_difference = worst_part = 0.0f;
    num_rows = 0;
    frontend_begin(&state);
    for (size_t at = 0; at < GOLDEN_SAMPLES; at += length) {
        length = 1 + (length * 7 + 300) % 1000;
        if (length > GOLDEN_SAMPLES - at)
            length = GOLDEN_SAMPLES - at;
        size_t count = length;
        if (as_floats) {
            const float *samples = floats;
            for (size_t i = 0; i < length; i++)
                floats[i] = (float)golden_samples[at + i] / 32768.0f;
            while ((row = frontend_push(&state, &samples, &count)))
                compare(row);
        } else {
            const int16_t *samples = golden_samples + at;
            while ((row = frontend_push_int16(&state, &samples, &count)))
                compare(row);
        }
    }
    while ((row = frontend_finish(&state)))
        compare(row);
    printf("$title, %s: %lu of %lu rows, largest difference %.2g, %.2g of the bound\n",
           as_floats ? "floats" : "16-bit integers", (unsigned long)num_rows, (unsigned long)GOLDEN_ROWS,
           (double)worst_difference, (double)worst_part);
    return num_rows == GOLDEN_ROWS && worst_part <= 1.0f;
}

int main(void)
{
    int equal = check(0);
    equal = check(1) && equal;
    printf(equal ? "equal\n" : "NOT EQUAL\n");
    return !equal;
}
