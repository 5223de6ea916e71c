/* Golden pack of frontend.c: prints the largest difference from the expected features, which must be 0.

   Samples come in blocks of changing lengths. */
#include "frontend.h"
#include "golden.h"

#include <stdio.h>

static frontend state;

int main(void)
{
    const uint16_t *row;
    size_t num_rows = 0, length = 1;
    int worst = 0;

    frontend_begin(&state);
    for (size_t at = 0; at < GOLDEN_SAMPLES; at += length) {
        const int16_t *samples = golden_samples + at;
        length = 1 + (length * 7 + 300) % 1000;
        if (length > GOLDEN_SAMPLES - at)
            length = GOLDEN_SAMPLES - at;
        size_t count = length;
        while ((row = frontend_push_int16(&state, &samples, &count))) {
            for (size_t i = 0; i < FRONTEND_NUM_BANDS && num_rows < GOLDEN_ROWS; i++) {
                int difference = row[i] - golden_features[num_rows * FRONTEND_NUM_BANDS + i];
                difference = difference < 0 ? -difference : difference;
                worst = difference > worst ? difference : worst;
            }
            num_rows++;
        }
    }
    int equal = num_rows == GOLDEN_ROWS && worst == 0;
    printf("$title: %lu of %lu rows, largest difference %d\n%s\n", (unsigned long)num_rows,
           (unsigned long)GOLDEN_ROWS, worst, equal ? "equal" : "NOT EQUAL");
    return !equal;
}
