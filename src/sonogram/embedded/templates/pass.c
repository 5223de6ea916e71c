/* Combine transforms of `span` points, $radix at a time, into transforms of $radix times as many. */
static void pass_$radix(float *bins, size_t span, const float *roots)
{
    for (size_t point = 0; point < span; point++, roots += $num_roots) {
        for (size_t at = 2 * point; at < 2 * POINTS; at += $radix * 2 * span) {
            float *to_a = bins + at$pointers;
            float a[2] = {to_a[0], to_a[1]};
$loads            if (point > 0) { /* the roots of the first point are 1 */
$turns            }
            butterfly_$radix(a$arguments);
$stores        }
    }
}
