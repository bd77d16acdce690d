/* All built-in kinds, in the order discovery shows them: kinds.h. Core first, so that `services` never means Knative's. */
#include "control/kinds/kinds.h"

#include "base/check.h"
#include "control/kinds/tables.h"

static const struct kind_table *const tables[] = {
	&kinds_core,   &kinds_apps, &kinds_events,  &kinds_autoscaling,	  &kinds_batch,	       &kinds_networking, &kinds_policy,
	&kinds_rbac,   &kinds_storage, &kinds_apiregistration, &kinds_apiextensions, &kinds_coordination, &kinds_discovery,
	&kinds_kserve, &kinds_knative,
};

int kinds_add(struct cluster *c, struct err *err)
{
	for (size_t i = 0; i < COUNT_OF(tables); i++)
		for (size_t j = 0; j < tables[i]->n; j++)
			if (cluster_kind_add(c, tables[i]->kinds[j], err) < 0)
				return -1;
	return 0;
}
