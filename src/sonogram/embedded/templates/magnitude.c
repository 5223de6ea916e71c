static void magnitude(float *bins)
{
    for (size_t k = 0; k < BINS; k++)
        bins[k] = sqrtf($value);
}
