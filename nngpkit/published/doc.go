// Package published reads the published tables of trained networks, of any
// search space, into one form: which networks, how accurate they became when
// trained in full, and what shorter trainings had said of them.
//
// Tables are looked for in the folders of data (see package datasets); one that
// is on no folder is a *NotFoundError.
package published
