static inline void butterfly_5(float *a, float *b, float *c, float *d, float *e)
{
    /* Cosines and sines of one and two fifths of a turn. */
    const float cos_1 = 0.309017f, cos_2 = -0.809017f, sin_1 = 0.95105654f, sin_2 = 0.58778524f;
    float near_re = b[0] + e[0], near_im = b[1] + e[1], near_odd_re = b[0] - e[0], near_odd_im = b[1] - e[1];
    float far_re = c[0] + d[0], far_im = c[1] + d[1], far_odd_re = c[0] - d[0], far_odd_im = c[1] - d[1];
    float p_re = a[0] + cos_1 * near_re + cos_2 * far_re, p_im = a[1] + cos_1 * near_im + cos_2 * far_im;
    float q_re = a[0] + cos_2 * near_re + cos_1 * far_re, q_im = a[1] + cos_2 * near_im + cos_1 * far_im;
    float u_re = sin_1 * near_odd_im + sin_2 * far_odd_im, u_im = sin_1 * near_odd_re + sin_2 * far_odd_re;
    float v_re = sin_2 * near_odd_im - sin_1 * far_odd_im, v_im = sin_2 * near_odd_re - sin_1 * far_odd_re;
    a[0] += near_re + far_re;
    a[1] += near_im + far_im;
    b[0] = p_re + u_re;
    b[1] = p_im - u_im;
    c[0] = q_re + v_re;
    c[1] = q_im - v_im;
    d[0] = q_re - v_re;
    d[1] = q_im + v_im;
    e[0] = p_re - u_re;
    e[1] = p_im + u_im;
}
