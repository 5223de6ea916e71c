/* Compute the features of the next frame. */
static float *compute(frontend *state)
{
$steps    state->lag -= FRONTEND_FRAME_STEP;
    return state->$result;
}
