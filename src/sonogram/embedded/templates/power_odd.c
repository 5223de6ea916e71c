/* Replace the frame by the power of its bins. */
static void power(float *frame)
{
    for (size_t k = 0; k < BINS; k++)
        frame[k] = frame[2 * k] * frame[2 * k] + frame[2 * k + 1] * frame[2 * k + 1];
}
