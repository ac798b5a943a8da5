import { servePeople } from "./people.ts";
import { joinTrimaran } from "./trimaran-join.ts";

servePeople(joinTrimaran);
