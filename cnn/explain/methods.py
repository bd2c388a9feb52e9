"""All attribution methods, in the order in which the Explain page and the command line show them."""

from cnn.explain import grad_cam, integrated_gradients, occlusion, saliency, smooth_grad

METHODS = (
    saliency.METHOD,
    smooth_grad.METHOD,
    integrated_gradients.METHOD,
    grad_cam.METHOD,
    occlusion.METHOD,
)
BY_SLUG = {method.slug: method for method in METHODS}
