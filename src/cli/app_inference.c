/* Endpoints and the inference listener: KServe V1, told apart by Host, path and name. */
#include "cli/app_parts.h"

#include "api/inference/inference.h"
#include "serving/endpoint.h"

int serving_part_start(struct app *a, struct err *err)
{
	const struct serving_options options = {.domain = a->config->domain};
	return serving_new(&options, &a->serving, err);
}

void serving_part_stop(struct app *a)
{
	serving_free(a->serving);
}

int inference_part_start(struct app *a, struct err *err)
{
	const struct inference_options options = {
	    .serving = a->serving, .clock = &clock_os, .gateway = true, .token = a->config->token};
	struct listener l = {0};
	if (inference_api_new(&options, &a->inference, err) < 0)
		return -1;
	inference_api_listener(a->inference, &l);
	return part_listen(a, LISTENER_INFERENCE, &l, err);
}

void inference_part_stop(struct app *a)
{
	inference_api_free(a->inference);
}
