/* Buttons that add something to the plan, and the start of all its parts. */
(function (E) {
  "use strict";

  const plan = () => E.plan, { span } = E.parts;
  const pointOf = (points) => ({ lon: points[0][0], lat: points[0][1] });

  function adders() {
    const on = (id, act) => E.byId(id).addEventListener("click", act);
    const drawn = async (shape, title, make) => { const points = await E.draw(shape, title); if (points) make(points); };
    on("add-course", () => drawn("line", "Draw the course", (line) => E.newClosure({ id: plan().freeId("roads.closures.closures", "course"), line })));
    on("add-closed-area", () => drawn("area", "Draw the closed area", (area) => E.newClosure({ id: plan().freeId("roads.closures.closures", "closed area"), area })));
    on("upload-course", () => E.byId("course-file").click());
    E.byId("course-file").addEventListener("change", E.uploadCourse);
    E.byId("street-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const name = E.byId("street-name").value.trim();
      if (!name) return;
      E.byId("street-name").value = "";
      E.newClosure({ id: plan().freeId("roads.closures.closures", name), streets: [name] });
    });
    const { addCard } = E, id = (path, stem) => plan().freeId(path, stem);
    on("add-crowd", () => drawn("area", "Draw where the crowd is", (area) => addCard("demand.changes", { id: id("demand.changes", "crowd"), kind: "crowd", people: 20000, ...span(), place: { area } })));
    on("add-surge", () => drawn("area", "Draw where the extra calls come from", (area) => addCard("demand.changes", { id: id("demand.changes", "extra calls"), kind: "surge", city_share: 0.2, ...span(), place: { area } })));
    on("add-casualties", () => drawn("point", "Where does it happen?", (points) => addCard("demand.changes", { id: id("demand.changes", "incident"), kind: "mass-casualty", ...pointOf(points), at: span().start, patients: 30 })));
    on("add-post", () => drawn("point", "Where is the post?", (points) => addCard("resources.posts", { id: id("resources.posts", "post"), ...pointOf(points) })));
    on("add-aid", () => drawn("point", "Where is the first-aid station?", (points) => addCard("resources.first_aid", { id: id("resources.first_aid", "first aid"), ...pointOf(points) })));
    on("add-crew", () => {
      const posts = plan().get("resources.posts") || [];
      addCard("resources.crews", { id: id("resources.crews", "crew"), count: 2, at: posts.length ? posts[posts.length - 1].id : E.ground.stations[0].id });
    });
  }

  E.startThings = function () {
    E.byId("street-names").replaceChildren(...E.ground.street_names.map((name) => Object.assign(E.el("option"), { value: name })));
    E.startDay();
    E.startClosures();
    E.startWholeCity();
    E.startChanges();
    E.startCrews();
    E.startRooms();
    adders();
    E.plan.on("load", E.refreshFields);
    E.plan.on("structure", E.refreshFields);
  };
})(window.EmsTwin);
