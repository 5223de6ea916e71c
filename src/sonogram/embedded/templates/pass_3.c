static inline void butterfly_3(float *a, float *b, float *c)
{
    const float sine = 0.8660254f; /* of a third of a turn */
    float sum_re = b[0] + c[0], sum_im = b[1] + c[1];
    float turned_re = sine * (b[1] - c[1]), turned_im = sine * (c[0] - b[0]);
    float half_re = a[0] - 0.5f * sum_re, half_im = a[1] - 0.5f * sum_im;
    a[0] += sum_re;
    a[1] += sum_im;
    b[0] = half_re + turned_re;
    b[1] = half_im + turned_im;
    c[0] = half_re - turned_re;
    c[1] = half_im - turned_im;
}
