/* Replace the frame by the power of its bins.

   The real samples 2 n and 2 n + 1 were the parts of one complex sample. The transforms of the even and the
   odd samples are the symmetric and the antisymmetric part of its transform, and the bins k and POINTS - k
   are their sum and their difference. */
static void power(float *frame)
{
    const float first = frame[0] + frame[1], last = frame[0] - frame[1];
    const float *root = real_roots;
    for (size_t k = 1; 2 * k < POINTS; k++, root += 2) {
        float *low = frame + 2 * k, *high = frame + 2 * (POINTS - k);
        float even_re = low[0] + high[0], even_im = low[1] - high[1];
        float odd[2] = {low[1] + high[1], high[0] - low[0]};
        turn(odd, root);
        float sum_re = even_re + odd[0], sum_im = even_im + odd[1];
        float difference_re = even_re - odd[0], difference_im = even_im - odd[1];
        low[0] = 0.25f * (sum_re * sum_re + sum_im * sum_im);
        high[0] = 0.25f * (difference_re * difference_re + difference_im * difference_im);
    }
$middle    frame[0] = first * first;
    for (size_t k = 1; k < POINTS; k++)
        frame[k] = frame[2 * k];
    frame[POINTS] = last * last;
}
