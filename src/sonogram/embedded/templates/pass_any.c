/* The same for any number of transforms, $radix here: each output is a sum over all inputs. */
static void pass_$radix(float *bins, size_t span, const float *roots)
{
    float z[2 * $radix];
    for (size_t point = 0; point < span; point++, roots += $num_roots) {
        for (size_t at = 2 * point; at < 2 * POINTS; at += $radix * 2 * span) {
            for (size_t i = 0; i < $radix; i++) {
                z[2 * i] = bins[at + 2 * span * i];
                z[2 * i + 1] = bins[at + 2 * span * i + 1];
                if (i > 0)
                    turn(z + 2 * i, roots + 2 * (i - 1));
            }
            for (size_t out = 0; out < $radix; out++) {
                float re = 0.0f, im = 0.0f;
                for (size_t i = 0, k = 0; i < $radix; i++, k = (k + out) % $radix) {
                    re += z[2 * i] * roots_$radix[2 * k] - z[2 * i + 1] * roots_$radix[2 * k + 1];
                    im += z[2 * i] * roots_$radix[2 * k + 1] + z[2 * i + 1] * roots_$radix[2 * k];
                }
                bins[at + 2 * span * out] = re;
                bins[at + 2 * span * out + 1] = im;
            }
        }
    }
}
