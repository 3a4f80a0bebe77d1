import type { NewMember } from '../members/rules.ts'

/** Somebody of the demonstration: who, when they joined, how they left. */
export type Person = Pick<
  NewMember,
  | 'firstName'
  | 'lastName'
  | 'organizationName'
  | 'status'
  | 'nickname'
  | 'city'
  | 'postalCode'
  | 'address'
  | 'kind'
  | 'language'
  | 'comments'
  | 'feeReminders'
> & {
  /** Days before today. */
  readonly joined: number
  readonly resigned?: number
}

const natural = (name: string, place: string, joined: number, more: Partial<Person> = {}): Person => {
  const [firstName = '', ...last] = name.split(' ')
  return { kind: 'natural', firstName, lastName: last.join(' '), ...placed(place), joined, ...more }
}
const legal = (organizationName: string, contact: string, place: string, joined: number, more: Partial<Person> = {}): Person => ({
  ...natural(contact, place, joined, more),
  kind: 'legal',
  organizationName,
})
const placed = (place: string) => {
  const [address = '', postalCode = '', city = ''] = place.split(', ')
  return { address, postalCode, city }
}

/** Forty invented members: people and organisations, some waiting, some gone. The first one may sign in. */
export const people: readonly Person[] = [
  natural('Amina Berthier', '12 rue des Lavandières, 63120, Courpière', 1130, { nickname: 'Amina', language: 'fr' }),
  natural('Solène Abgrall', '3 impasse du Four, 63300, Thiers', 2210, { nickname: 'sol' }),
  natural('Luc Tessier', '41 route de Vollore, 63120, Courpière', 1890),
  natural('Yasmine Haddad', '8 place de la Halle, 63300, Thiers', 640),
  natural('Côme Delaunay', '27 chemin du Moulin, 63190, Lezoux', 455),
  natural('Ingrid Sørensen', '5 rue des Couteliers, 63300, Thiers', 980, { language: 'en' }),
  natural('Baptiste Rouvière', 'Le Bourg, 63930, Augerolles', 1500),
  natural('Mireille Chassaing', '14 avenue Pierre-Guérin, 63300, Thiers', 2900, { feeReminders: false }),
  natural('Théodore Nkomo', '2 rue du Stade, 63190, Lezoux', 210),
  natural('Élise Fontanel', 'La Croix-Blanche, 63880, Olliergues', 720),
  natural('Gaël Le Hénaff', '19 rue Nationale, 63190, Lezoux', 333),
  natural('Paloma Ibáñez', '6 montée du Château, 63880, Olliergues', 388),
  natural('Octave Jourdain', 'Les Granges, 63120, Sermentizon', 1244),
  natural('Maïwenn Kervella', '33 rue du Palais, 63300, Thiers', 94),
  natural('Rachid Zerrouki', '7 rue du Lac, 63120, Aubusson-d’Auvergne', 1020),
  natural('Hélène Mazoyer', 'Chez Pialat, 63930, Augerolles', 1675),
  natural('Tobias Lindqvist', '50 route d’Ambert, 63120, Courpière', 505, { language: 'en' }),
  natural('Clémence Bardin', '9 rue de la Fontaine, 63190, Orléat', 150),
  natural('Ousmane Diallo', '22 rue Conchette, 63300, Thiers', 860),
  natural('Bérénice Vacher', 'Le Grün, 63880, Le Brugeron', 1310),
  natural('Anatole Peyrard', '4 place du Foirail, 63120, Courpière', 275),
  natural('Nour Benchekroun', '11 rue Mancel-Chabot, 63300, Thiers', 61),
  natural('Félix Marchadier', 'La Renaudie, 63930, La Renaudie', 2050),
  natural('Zélie Constant', '1 bis rue des Écoles, 63190, Ravel', 430),
  natural('Ambroise Quentin', 'Chemin de la Dore, 63120, Néronde-sur-Dore', 590),
  natural('Violette Sabatier', '18 rue du Commerce, 63190, Lezoux', 37),
  natural('Marius Echallier', 'Fontbonne, 63300, Escoutoux', 1401, { comments: 'The pole at the corner leans: the operator knows.' }),
  natural('Agathe Pommier', '26 rue des Grammonts, 63300, Thiers', 805),
  natural('Ilyès Carpentier', '3 lotissement des Prés, 63190, Peschadoires', 118),
  natural('Judith Aronson', '15 rue de Barante, 63300, Thiers', 1777),
  legal('Les Couteaux du Pré', 'Denis Faure', '70 zone du Felet, 63300, Thiers', 1550, {
    comments: 'A workshop of eleven. The server room is at the back.',
  }),
  legal('Mairie de Vollore-Montagne', 'Sylvie Gourbeyre', 'Le Bourg, 63120, Vollore-Montagne', 1960),
  legal('La Grange aux Livres', 'Perrine Thévenet', '2 place Saint-Martin, 63120, Courpière', 610),
  legal('Collectif Radio Livradois', 'Quentin Astier', 'Rue de l’Industrie, 63600, Ambert', 890),
  legal('Ferme du Puy Besseau', 'Lucie Chalard', 'Puy Besseau, 63930, Augerolles', 350),
  natural('Nadia Benali', '5 rue du Pont, 63120, Courpière', 3, { status: 'pending' }),
  natural('Théo Marchand', '10 rue Terrasse, 63300, Thiers', 2, { status: 'pending' }),
  legal('Crèche Les Petits Pas', 'Manon Roussel', '8 rue Jean-Jaurès, 63190, Lezoux', 1, { status: 'pending' }),
  natural('Edmond Garnier', '29 rue de Lyon, 63300, Thiers', 2400, { resigned: 190 }),
  natural('Coralie Dumas', 'Le Verdier, 63120, Courpière', 1100, { resigned: 24 }),
]
