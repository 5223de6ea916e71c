/* The frames with the functions of CMSIS-DSP: print their instructions, and the largest difference as a part
   of its bound. */
#include "cmsis_frame.h"
#include "count.h"
#include "golden.h"

#include <math.h>

int main(void)
{
    static float row[FRONTEND_NUM_BANDS];
    float worst = 0.0f;
    double count = 0.0;

    start_ticks();
    double per_tick = instructions_per_tick();
    cmsis_begin();
    for (size_t frame = 0; frame < GOLDEN_ROWS; frame++) {
        uint32_t begin = ticks();
        cmsis_frame(golden_samples + frame * FRONTEND_FRAME_STEP, row);
        count += (double)((ticks() - begin) & 0xFFFFFF) * per_tick;
        for (size_t i = 0; i < FRONTEND_NUM_BANDS; i++)
            worst = fmaxf(worst, fabsf(row[i] - golden_features[frame * FRONTEND_NUM_BANDS + i]) / golden_bounds[frame]);
    }
    printf("instructions %.0f\n", count * FRONTEND_SAMPLE_RATE / FRONTEND_FRAME_STEP / GOLDEN_ROWS);
    printf("part %.2g\n", (double)worst);
    return 0;
}
