static void pass_2(int16_t *bins, size_t span)
{
    for (size_t at = 0; at < POINTS; at += 2 * span) {
        for (size_t k = 0; k < span; k++) {
            int16_t *to_a = bins + 2 * (at + k), *to_b = to_a + 2 * span;
            const complex_16 a = divided(to_a, 2);
            const complex_16 b = multiply(divided(to_b, 2), roots + 2 * k * (POINTS / (2 * span)));
            store(to_a, add(a, b));
            store(to_b, subtract(a, b));
        }
    }
}
